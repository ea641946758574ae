"""What people work on in the operational database: colleagues, their sign-ins and acts, the address book, letters."""
