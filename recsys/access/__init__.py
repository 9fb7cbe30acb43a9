"""Who may use the app: sign-in with the shop's accounts, and people's roles."""
