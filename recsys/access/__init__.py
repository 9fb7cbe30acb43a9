"""Who may use the app: sign-in with the shop's own accounts, and the roles that people have then."""
