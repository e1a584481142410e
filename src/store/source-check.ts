import { isIP } from 'node:net'
import { isZone } from '../record/zone.ts'
import { digitsOf, peerNetwork } from './account-of.ts'
import { RULE_MATCHES, SOURCE_KINDS, type SourceGiven, type SourceRule, type SourceService } from './directory.ts'
import { invalid } from './directory-refusal.ts'

export const SOURCE_NAME = /^(?!\.{1,2}$)[a-z0-9._-]{1,64}$/
export const MAX_RULES = 1000
export const MAX_SERVICES = 1000
export const MAX_ADDRESSES = 100

/** Throws `DirectoryRefusal` for a source that cannot be: the field is named as `rules[2].accountId`. */
export function checkSource(source: SourceGiven, isAccount: (id: string) => boolean): void {
  // `.` and `..` would not survive in a URL or a path.
  if (!SOURCE_NAME.test(source.name)) throw invalid('name', 'must be 1 to 64 of a-z, 0-9, dot, dash and underscore')
  if (!SOURCE_KINDS.includes(source.kind)) throw invalid('kind', `must be one of ${SOURCE_KINDS.join(', ')}`)
  if (source.timeZone.length > 64 || !isZone(source.timeZone))
    throw invalid('timeZone', 'must be an IANA time zone such as Europe/Berlin, or a fixed offset such as +05:30')
  if (source.rules.length > MAX_RULES) throw invalid('rules', `must not have more than ${MAX_RULES} entries`)
  for (const [index, rule] of source.rules.entries()) {
    if (!RULE_MATCHES.includes(rule.match))
      throw invalid(`rules[${index}].match`, `must be one of ${RULE_MATCHES.join(', ')}`)
    const why = ruleProblem(rule)
    if (why !== null) throw invalid(`rules[${index}].value`, why)
    if (!isAccount(rule.accountId)) throw invalid(`rules[${index}].accountId`, 'is not an account of this server')
  }
  checkAccess(source.access ?? {})
  checkServices(source.services ?? [])
}

/** What stands in a header as it is: no blanks, and no colon, which ends the user of Basic and Digest. */
const USER = /^[!#-9;-[\]-~]{1,128}$/
const TOKEN = /^[!-~]{16,256}$/

function checkAccess({ user, password, token, addresses = [] }: NonNullable<SourceGiven['access']>): void {
  if (user != null && !USER.test(user))
    throw invalid(
      'access.user',
      'must be 1 to 128 visible ASCII characters without colon, quotation mark and backslash',
    )
  if (password != null && (password.length < 8 || password.length > 256 || !isPlainText(password)))
    throw invalid('access.password', 'must have 8 to 256 characters, none of them a control character')
  if (token != null && !TOKEN.test(token)) throw invalid('access.token', 'must be 16 to 256 visible ASCII characters')
  if (addresses.length > MAX_ADDRESSES)
    throw invalid('access.addresses', `must not have more than ${MAX_ADDRESSES} entries`)
  for (const [index, address] of addresses.entries())
    if (peerNetwork(address) === null)
      throw invalid(`access.addresses[${index}]`, 'must be an IP address, or a network such as 10.0.0.0/8')
}

function checkServices(services: readonly SourceService[]): void {
  if (services.length > MAX_SERVICES) throw invalid('services', `must not have more than ${MAX_SERVICES} entries`)
  const numbers = new Set<string>()
  for (const [index, { number, kind, name }] of services.entries()) {
    const at = `services[${index}]`
    if (!/^[!-~]{1,128}$/.test(number)) throw invalid(`${at}.number`, 'must be 1 to 128 visible ASCII characters')
    if (numbers.has(number)) throw invalid(`${at}.number`, 'is there twice')
    numbers.add(number)
    if (kind !== 'ivr' && kind !== 'queue') throw invalid(`${at}.kind`, 'must be one of ivr, queue')
    if (name !== null && (name.trim() === '' || name.length > 256 || !isPlainText(name)))
      throw invalid(`${at}.name`, 'must be null or have 1 to 256 characters')
  }
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text)
}

function ruleProblem({ match, value }: SourceRule): string | null {
  if (match === 'fixed') return value === null ? null : 'must be null: a fixed rule matches every record'
  if (value === null || value.trim() === '' || value.length > 255) return 'must have 1 to 255 characters'
  if (!isPlainText(value)) return 'must not contain control characters'
  if (match === 'did' && digitsOf(value) === '') return 'must have digits'
  if (match === 'peer' && isIP(value) === 0 && peerNetwork(value) === null)
    return 'must be an IP address, or a network such as 10.0.0.0/8'
  return null
}
