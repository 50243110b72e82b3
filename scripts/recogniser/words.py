"""Building blocks of registry text, written down by hand: names, places' kinds, phrases, syllables."""

FAMILY = (
    ("Nguyễn", 31), ("Trần", 11), ("Lê", 9), ("Phạm", 6), ("Hoàng", 3), ("Huỳnh", 3), ("Vũ", 3), ("Võ", 3),
    ("Phan", 3), ("Đặng", 2), ("Bùi", 2), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 1.5), ("Dương", 1.5), ("Lý", 1),
    ("Đinh", 1), ("Đào", 1), ("Trương", 1), ("Đoàn", 1), ("Lâm", 1), ("Mai", 1), ("Trịnh", 1), ("Hà", 1),
    ("Cao", 1), ("Lương", 1), ("Tạ", 0.7), ("Châu", 0.7), ("Tô", 0.7), ("Vương", 0.6), ("Quách", 0.5),
    ("Thái", 0.6), ("Chu", 0.5), ("Phùng", 0.5), ("Kiều", 0.4), ("Nông", 0.4), ("Triệu", 0.4), ("La", 0.4),
    ("Vi", 0.4), ("Lò", 0.5), ("Giàng", 0.4), ("Thạch", 0.4), ("Sơn", 0.3), ("Kim", 0.3), ("Danh", 0.3),
    ("Ông", 0.2), ("Từ", 0.3), ("Mạc", 0.2), ("Ninh", 0.2), ("Tôn Thất", 0.2), ("Văn", 0.2), ("Hứa", 0.3),
    ("Bế", 0.2), ("Hoàng Phủ", 0.1), ("Nghiêm", 0.2), ("Khổng", 0.2), ("Lưu", 0.6), ("Tống", 0.4),
    ("Đàm", 0.3), ("Thân", 0.2), ("Quan", 0.2), ("Âu", 0.2), ("Mã", 0.2), ("Sùng", 0.2), ("Cù", 0.2),
)  # fmt: skip
MIDDLE = (
    "Văn Văn Văn Văn Thị Thị Thị Thị Thị Hữu Đức Minh Quốc Thanh Xuân Ngọc Hoài Kim Thu Bích Hồng Mỹ Như "
    "Quang Công Duy Đình Đăng Anh Bảo Gia Khánh Thành Trọng Tuấn Việt Hoàng Phương Thùy Thúy Tường Cẩm "
    "Diễm Huyền Lệ Mai Nhật Phúc Quý Tấn Thế Thiện Trung Vĩnh Xuyến Ái Bá Chí Đại Hải Khắc Lan Mạnh "
    "Nguyên Phú Sỹ Tiến Trí Trường Tú Uyên Vân Yến Doãn Viết Quỳnh Ánh Băng Cao Châu Hạnh Kiều Linh Ý"
).split()
GIVEN = (
    "An Anh Ánh Ân Bách Bảo Bằng Bích Bình Bốn Ba Cảnh Cẩm Chánh Châu Chi Chiến Chín Chính Chung Chương "
    "Công Cúc Cường Danh Diễm Diệp Diệu Dung Dũng Duy Duyên Dương Đại Đạt Đào Đăng Điền Điệp Định Đoan "
    "Đông Đức Được Em Gái Giang Giáp Hà Hai Hải Hạnh Hảo Hằng Hân Hậu Hiên Hiền Hiển Hiệp Hiếu Hoa Hoà "
    "Hòa Hoài Hoan Hoàng Hồng Huân Huấn Huế Huệ Hùng Huy Huyền Hưng Hương Hường Hữu Kha Khải Khang Khanh "
    "Khánh Khiêm Khoa Khôi Khuê Khương Kiên Kiệt Kiều Kim Lai Lam Lan Lành Lâm Lân Lên Lệ Liên Liễu Linh "
    "Loan Lộc Lợi Long Luân Luận Luyến Lụa Lực Lương Lượng Lưu Ly Lý Mai Mạnh Mận Mẫn Mây Mến Minh Mơ "
    "Mừng Mười Muội My Mỹ Na Nam Năm Nga Ngà Ngân Nghĩa Nghiêm Ngoan Ngọc Nguyên Nguyệt Nhã Nhàn Nhân "
    "Nhật Nhi Nhiên Nho Nhung Như Nhựt Ninh Nở Nương Oanh Phát Phi Phong Phú Phúc Phụng Phước Phương "
    "Phượng Quang Quân Quế Quốc Quý Quyên Quyền Quyết Quỳnh Sang Sáng Sanh Sáu Sâm Sen Sinh Soạn Son Sỹ "
    "Sự Tài Tám Tâm Tân Tấn Thạch Thái Thanh Thành Thảo Thạnh Thắm Thắng Thân Thể Thêm Thi Thiện Thịnh "
    "Thoa Thoại Thông Thơ Thơm Thu Thuần Thuận Thủy Thùy Thuý Thúy Thư Thương Thường Thưởng Tiên Tiến "
    "Tiền Tín Tình Tịnh Toàn Toản Trà Trang Trâm Trân Tri Trí Triết Triều Trinh Trọng Trúc Trung Trường "
    "Tú Tuân Tuấn Tùng Tuyên Tuyền Tuyết Tư Tươi Tường Tý Út Uyên Vân Vấn Văn Vi Viên Viễn Việt Vinh "
    "Vĩnh Vọng Vũ Vui Vương Vượng Vy Xinh Xoan Xuân Xuyến Xứng Ý Yên Yến"
).split()
HIGHLAND_FAMILY = (
    "Rơ Châm|Siu|Ksor|Kpă|Rmah|Rơ Mah|Rahlan|Rơ Lan|Nay|Kpuih|Puih|R'Com|Rcom|Rơ Ô|Hiao|Ra Lan|Kpă|Ksơr|"
    "Romah|Êban|Niê|Mlô|Ayun|Buôn Krông|Buôn Yă|Kbuôr|Knul|Hwing|Hđơk|Adrơng|Byă|Ktla|Êñuôl|Niê Kdăm|"
    "Kđoh|Hra|Đinh|A|Y|Blong|K'|Kră Jăn|Bon Niêng|Cil|Ha|Liêng|Bơ Nướch|Kon Sơ|Pơloong|Bling|Zơ Râm|"
    "Alăng|Ating"
).split("|")
HIGHLAND_GIVEN = (
    "Bom Byin Blip Blơi Chăm Chớp Chưt Djưng Dưn Đôh Đen Gyen Glơn H'Lan H'Bia H'Blin H'Brê H'Chuyên "
    "H'Doan H'Điêp H'Gái H'Hoa H'Jen H'Juel H'Khăc H'Lơ H'Luyn H'Miên H'Mlăng H'Mơn H'Ngăm H'Nhiên "
    "H'Oanh H'Phi H'Rin H'Rưm H'Sam H'Thuyn H'Yên H'Yương Hrơm Hlur Hyơ Hmơk Hnhơn Jưh Jôh Klong Khuyên "
    "Kơk Krok Kuan Lăk Lôi Lơi Luih Mơr Mlơi Mum Mrai Nguyn Nhơt Năng Nhơn Ơl Pơi Phum Phyao Plin Pyơi "
    "Rơ Rung Sũi Suk Thuch Tơm Tơ Tuih Thơk Uyn Ưng Vơng Wek Wơk Yơn Yuk Yăm Čưm Bŏng Pŭk Kĭt Ñă Ƀlơi Kŏ "
    "Drăm Hŭng Tlŭ Juh Suê"
).split()
HIGHLAND_MIDDLE = "Y H' Y H' A Bơ Hơ Djuê Čil Nhiếp Jen Thị Văn Bya Jú Hen Thăm Krĭng Wŏk Ƀhok".split()
PLACE_HEADS = "Ia Chư Krông Ea Đăk Kon Đak Cư Buôn Plei Plơi Ayun Hbông H' Dray Đê Kông A Tơ".split()
PLACE_TAILS = (
    "Rong Phang Rsươm Rbol Pa Piar Hiao Ke Tul Mlah Kly Gu Kbang Grai O Dun Lâu Ko Hlốp Blang Dom Ala "
    "Din Kriêng Nan Pnôn Lang Krêl Der Bă Hrung Tô Yok Chía Khai Kênh Pal Glai Rtô Broăi Trốk Sol Yeng "
    "Peng Nhin Đăng Năng Hleo Kao Ktur Bhôk Tiêu Hu Ning Wer Drông M'nang Kpam Suê Hồ Rưng Xốp Hring Ui "
    "Drang Bông Nuê M'gar H'leo"
).split()
ETHNIC = (
    "Kinh|Kinh|Kinh|Gia-rai|Jrai|Gia Rai|Ba-na|Bahnar|Ê-đê|Ê Đê|Rađê|Tày|Thái|Mường|Khơ-me|Khmer|Hoa|"
    "Nùng|Mông|H'mông|Dao|Xơ-đăng|Sán Chay|Cơ-ho|K'ho|Chăm|Sán Dìu|Hrê|Mnông|M'nông|Ra-glai|Xtiêng|"
    "Bru - Vân Kiều|Thổ|Giáy|Cơ-tu|Giẻ-Triêng|Mạ|Khơ-mú|Co|Tà-ôi|Chơ-ro|Kháng|Xinh-mun|Hà Nhì|Chu-ru|Lào|"
    "La Chí|Phù Lá|La Hủ|Lự"
).split("|")
NATION = (
    "Việt Nam|Việt Nam|Việt Nam|VN|Việt Nam.|Lào|Campuchia|Trung Quốc|Hàn Quốc|Hoa Kỳ|Đài Loan|Pháp|Úc".split(
        "|"
    )
)
RELATION = (
    "Cha|Mẹ|Cha đẻ|Mẹ đẻ|Bà nội|Ông nội|Bà ngoại|Ông ngoại|Chú ruột|Cô ruột|Dì|Cậu|Bác|Anh ruột|Chị ruột|"
    "Em ruột|Con trai|Con gái|Con|Con đẻ|Vợ|Chồng|Cháu nội|Cháu ngoại|Con dâu|Con rể|Người giám hộ|"
    "Bản thân|Trưởng thôn"
).split("|")
JOBS = (
    "Làm nông|Làm ruộng|Nông dân|Giáo viên|Công nhân|Bộ đội|Cán bộ|Nội trợ|Buôn bán|Thợ may|Thợ mộc|"
    "Lái xe|Học sinh|Sinh viên|Y tá|Bác sĩ|Kỹ sư|Thợ nề|Thợ điện|Già yếu|Còn nhỏ|Hưu trí|Làm rẫy|"
    "Lao động phổ thông|Kế toán|Công an"
).split("|")
CAUSES = (
    "Già yếu|Bệnh già|Bệnh|Tai nạn giao thông|Ung thư gan|Ung thư phổi|Nhồi máu cơ tim|Đột quỵ|"
    "Tai biến mạch máu não|Sốt rét|Đuối nước|Suy tim|Suy thận|Xơ gan cổ trướng|Viêm phổi|Lao phổi|"
    "Tăng huyết áp|Bệnh tim mạch|Tai nạn lao động|Sốt xuất huyết|Suy hô hấp|Điện giật|Ngã cây|Bệnh nặng|"
    "Chết do bệnh|Không rõ nguyên nhân|Sét đánh|Tiểu đường"
).split("|")
TITLES = (
    "Chủ tịch|Phó Chủ tịch|CHỦ TỊCH|PHÓ CHỦ TỊCH|KT. CHỦ TỊCH|TM. ỦY BAN NHÂN DÂN|TM. UBND|"
    "Ủy viên thư ký|Trưởng phòng|Phó trưởng phòng|Cán bộ tư pháp - hộ tịch|Công chức tư pháp - hộ tịch|"
    "Trưởng ban tư pháp|Giám đốc|PHÓ GIÁM ĐỐC|Người đi khai|Người thực hiện|Người ký giấy khai sinh|"
    "Tư pháp hộ tịch|Thư ký|Chánh Văn phòng|TUQ. CHỦ TỊCH"
).split("|")
PAPERS = (
    "CMND|Giấy CMND|CCCD|Thẻ căn cước công dân|Hộ chiếu|Giấy chứng minh nhân dân|Sổ hộ khẩu|"
    "Giấy chứng sinh|Giấy báo tử|Thẻ căn cước|Số định danh cá nhân|Giấy cam đoan|Giấy ra viện|CMTND|"
    "Chứng minh nhân dân|Giấy tờ tuỳ thân"
).split("|")
ISSUERS = (
    "Công an tỉnh {p}|CA tỉnh {p}|CA. {p}|Công an {p}|C.A {p}|Cục Cảnh sát QLHC về TTXH|"
    "Cục CSQLHC về trật tự xã hội|Cục Cảnh sát ĐKQL cư trú và DLQG về dân cư|Bộ Công an|"
    "Công an huyện {d}|UBND {w}|Ủy ban nhân dân {w}|UBND {d}|Uỷ ban nhân dân {d}, {p}|"
    "Sở Tư pháp tỉnh {p}|Phòng Quản lý xuất nhập cảnh|TAND {d}|Tòa án nhân dân {d}"
).split("|")
PLACES = (
    "Bệnh viện đa khoa tỉnh {p}|Trạm y tế {w}|Bệnh viện {d}|Bệnh viện Từ Dũ|Nhà hộ sinh {w}|Tại nhà|"
    "Trung tâm y tế {d}|BVĐK {d}|Trạm xá {w}|Bệnh xá {w}|Bệnh viện Phụ sản|Tại gia|Bệnh viện Nhi Đồng 1|"
    "Bệnh viện 211|Bệnh viện tỉnh {p}"
).split("|")
NOTES = (
    "Đã cải chính ngày sinh từ {d1} thành {d2} theo Quyết định số {q} ngày {d3}|"
    "Cải chính họ tên theo QĐ số {q} ngày {d1} của {u}|Ly hôn theo Quyết định số {q} ngày {d1} của {t}|"
    "Đã ly hôn theo Bản án số {q} ngày {d1}|Đã cấp bản sao ngày {d1}|Đăng ký quá hạn|Đăng ký lại|"
    "Bổ sung quốc tịch|Thay đổi họ theo QĐ số {q} ngày {d1}|Xác định lại dân tộc theo QĐ {q}|"
    "Được nhận làm con nuôi ngày {d1}|Đã đăng ký khai tử ngày {d1}|Công nhận cha theo QĐ số {q}|"
    "Cấp bản chính lần thứ {n}|Chuyển nhượng cho ông {m}|Ghi chú: {m} đã chết ngày {d1}|"
    "Sổ gốc mất, đăng ký lại ngày {d1}|Đăng ký đúng hạn|Đúng hạn|Quá hạn|"
    "Thế chấp tại Ngân hàng Nông nghiệp {d}|Xoá nội dung đăng ký thế chấp ngày {d1}|Hủy theo QĐ {q}|"
    "Thu hồi {n} m²|Kết hôn ngày {d1} tại {u}|Chấm dứt việc nuôi con nuôi theo Quyết định {q} ngày {d1}|"
    "Đã thu lệ phí"
).split("|")
LAND = (
    "Đất ở tại nông thôn|Đất ở tại đô thị|Đất trồng cây lâu năm|Đất chuyên trồng lúa nước|"
    "Đất trồng cây hàng năm khác|Đất rừng sản xuất|Đất nuôi trồng thủy sản|ONT|ODT|CLN|LUC|HNK|RSX|NTS|"
    "BHK|Thổ cư|Đất vườn|Lúa 2 vụ|Màu|Lâu dài|Đến ngày {d1}|Sử dụng riêng|Sử dụng chung|"
    "Sử dụng riêng: {a} m²; sử dụng chung: Không|50 năm|"
    "Công nhận QSDĐ như giao đất có thu tiền sử dụng đất|Nhận chuyển nhượng đất|"
    "Nhà nước giao đất không thu tiền"
).split("|")
COMMON = (
    "và của là có không được theo cho tại từ đến ngày tháng năm người việc con ông bà anh chị em này đó "
    "khi sau trước trong ngoài trên dưới với các những một hai ba bốn năm sáu bảy tám chín mười sinh tử "
    "hôn nhân đăng ký khai sổ giấy chứng nhận bản sao chính thửa đất tờ đồ diện tích thời hạn mục đích "
    "sử dụng nguồn gốc nhà ở công trình xây dựng rừng sản xuất cây lâu năm vườn ruộng lúa nước ao hồ "
    "đường phố thôn xóm ấp tổ khu phường xã huyện tỉnh thành trú quán nguyên hiện nay trước đây đã chưa "
    "mất chết sống lập gia đình vợ chồng cha mẹ nội ngoại họ tên chữ đệm"
).split()
ONSETS = (
    "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split()
)  # fmt: skip
RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng "
    "eo ep et ê ênh êch ên êm êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac "
    "oai oan oang oanh oat oay oăn oăng oc oe oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp "
    "ơt u ua uân uât uc uê ui um un ung uô uôc uôi uôm uôn uông uôt up ut uy uya uyên uyêt uynh ư ưa ưc "
    "ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ưu ưt y yên yêu"
).split()
