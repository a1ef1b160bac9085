"""Media: files that go with the messages of a chat, and pictures that come back: checked, kept, made into requests."""
