// A file may be called anything: what is shown of a name must neither move the cursor of a terminal nor begin a line of its own.

const shortForms: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Every control character as `\n`, `\r`, `\t` or `\x1b`: one line stays one line. */
export function escapeControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u001F\u007F]/gu, toEscape);
}

/** The same but for line feeds and tabs: a log text may hold a list. */
export function escapeControlsOfText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F]/gu, toEscape);
}

function toEscape(control: string): string {
  return shortForms[control] ?? `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
