import { isIP } from 'node:net'
import { isZone } from '../record/zone.ts'
import { digitsOf, peerNetwork } from './account-of.ts'
import { RULE_MATCHES, SOURCE_KINDS, type Source, type SourceRule } from './directory.ts'
import { invalid } from './directory-refusal.ts'

export const SOURCE_NAME = /^(?!\.{1,2}$)[a-z0-9._-]{1,64}$/
export const MAX_RULES = 1000

/** Throws `DirectoryRefusal` for a source that cannot be: the field is named as `rules[2].accountId`. */
export function checkSource(source: Omit<Source, 'createdAtUs'>, isAccount: (id: string) => boolean): void {
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
}

function ruleProblem({ match, value }: SourceRule): string | null {
  if (match === 'fixed') return value === null ? null : 'must be null: a fixed rule matches every record'
  if (value === null || value.trim() === '' || value.length > 255) return 'must have 1 to 255 characters'
  if (!value.isWellFormed() || /\p{Cc}/u.test(value)) return 'must not contain control characters'
  if (match === 'did' && digitsOf(value) === '') return 'must have digits'
  if (match === 'peer' && isIP(value) === 0 && peerNetwork(value) === null)
    return 'must be an IP address, or a network such as 10.0.0.0/8'
  return null
}
