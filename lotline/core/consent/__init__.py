"""What a person has agreed to receive from us, and how we hear them say so."""
