"""The pages that need several slices: front page, search by code, host links, errors; and what makes an app of the pages."""
