"""What a request passes before Streamlit sees it: hosts, origins, closed addresses, limits, the cookie."""
