/** Who stands in `caller`, `callee` or `destination`: a bare number, or a SIP URI in any of its forms. */
export interface Address {
  /** The user part, else the whole: `102`. */
  number: string
  /** Without port; null where there is none. */
  domain: string | null
  /** What tells one endpoint from another: `102@192.0.2.7:5060`, the host in lower case, no scheme, no parameters. */
  endpoint: string
}

/** `sip:102@pbx.example:5060;transport=udp`, `"Jo" <sip:102@pbx.example>`, `102@pbx.example` and `102`; null for null. */
export function readAddress(written: string | null): Address | null {
  if (written === null) return null
  const open = written.lastIndexOf('<')
  const inside = open < 0 ? written : written.slice(open + 1).replace(/>.*$/s, '')
  const uri = inside
    .trim()
    .replace(/^(?:sips?|tel):/i, '')
    .replace(/[;?].*$/s, '')
  const at = uri.lastIndexOf('@')
  if (at < 0) return { number: uri.slice(0, MAX_NUMBER), domain: null, endpoint: uri }
  const host = uri.slice(at + 1).toLowerCase()
  const number = uri.slice(0, at).replace(/:.*$/s, '')
  const domain = host.replace(/:\d*$/, '')
  return {
    number: number.slice(0, MAX_NUMBER),
    domain: domain === '' ? null : domain.slice(0, 255),
    endpoint: `${number}@${host}`,
  }
}

/** What a record keeps of a number. */
const MAX_NUMBER = 128

/** Extensions and services have up to 6 characters of digits, `*` and `#`, or are names; the rest are outside numbers. */
export function isOutside(number: string): boolean {
  return /^\+\d+$/.test(number) || /^\d{7,}$/.test(number)
}
