/** What a host has typed and not sent. */

// Fields that the host has changed. Browsers rewrite times, so a value that differs from its default is not proof of typing.
const touched = new Set<HTMLInputElement>();
document.addEventListener("input", ({ target }) => {
  // Without a name it is not sent: the search, the boxes that select.
  if (target instanceof HTMLElement && "name" in target && target.name) touched.add(target as HTMLInputElement);
});

/** Whether a field's value is another than the page gave it. A select has no such value: it counts as chosen once touched. */
export const isChanged = (field: HTMLInputElement): boolean =>
  field.value !== field.defaultValue || field.checked !== field.defaultChecked;

/** Whether a field holds typed text that was not sent. */
export const isTyping = (): boolean => [...touched].some((field) => field.isConnected && isChanged(field));
