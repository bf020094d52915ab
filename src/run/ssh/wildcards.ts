// Patterns of OpenSSH's configuration (ssh_config(5), PATTERNS): `*` and `?` are the only wildcards, `[` is itself.

export function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\/-]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
