"""How numbers are written where Django and the browsers disagree (Intl, in frontend/shared/words.ts): a page is written by both."""
