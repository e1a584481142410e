/**
 * Text from a switch in a form that every store keeps: outer blanks and U+0000 taken off, half surrogate pairs
 * replaced, cut to `maxLength` UTF-16 units. Null for anything but text and for nothing left. What callers choose
 * themselves, such as a display name of ten megabytes, must not cost us the record of their call.
 */
export function cleanText(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string') return null
  const cut = value.slice(0, maxLength).replaceAll('\u0000', '').trim().toWellFormed()
  return cut === '' ? null : cut
}

/**
 * A caller's name for people: SIP's quoted pairs undone (RFC 3261, 25.1: `Zoë \"Z\"` is `Zoë "Z"`), and null where
 * the switch has put the number in place of a name.
 */
export function displayName(name: string | null, number: string | null): string | null {
  if (name === null || name === number) return null
  return cleanText(name.replace(/\\(.)/gsu, '$1'), 256)
}
