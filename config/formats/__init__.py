"""Numbers as Intl writes them in the browser (frontend/shared/labels.ts), where Django differs: a page is written by both."""
