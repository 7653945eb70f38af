"""What is known of the field's credentials: formats, places, placeholders. Pure: no I/O."""
