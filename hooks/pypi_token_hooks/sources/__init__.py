"""Where bytes come from: each module yields `Blob`s, or `Unread` with the reason."""
