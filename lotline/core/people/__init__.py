"""Who works here and what their role allows; whom we text."""
