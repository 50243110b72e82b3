"""From scores of line recognisers to text, with knowledge of what a field can say."""
