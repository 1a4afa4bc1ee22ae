"""Reading SQL text: pieces with positions, what each is. No database is known here."""
