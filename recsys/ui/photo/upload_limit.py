"""How large a visitor's photo may be; `maxUploadSize` and `maxMessageSize` in `.streamlit/config.toml` go with it."""

MAX_UPLOAD_MEGABYTES = 10
MAX_UPLOAD_BYTES = MAX_UPLOAD_MEGABYTES * 1024**2
