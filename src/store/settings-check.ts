import metadata from 'libphonenumber-js/metadata.max'
import { Compile } from 'typebox/compile'
import { AccountSettings } from '../record/account.ts'
import { schemaProblems } from '../record/schema-problem.ts'
import { isZone } from '../record/zone.ts'
import { invalid } from './directory-refusal.ts'

const schema = Compile(AccountSettings)
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

/**
 * Throws `DirectoryRefusal` for settings that the schema does not allow, and for a time zone, country or currency that
 * has the right form and does not exist.
 */
export function checkSettings(settings: AccountSettings): void {
  const [problem] = schemaProblems(schema.Errors(settings), { whole: 'settings', unknown: 'is not a setting' })
  if (problem !== undefined) throw invalid(problem.field, problem.why)
  checkLabel('name', settings.name)
  // A fixed offset knows no summer time: well for a source's clock, wrong for people's.
  if (!/^[A-Za-z]/.test(settings.timeZone) || !isZone(settings.timeZone))
    throw invalid('timeZone', 'must be an IANA time zone such as Europe/Berlin')
  if (!CURRENCIES.has(settings.currency)) throw invalid('currency', 'must be an ISO 4217 code such as USD')
  if (settings.defaultCountry !== null && !Object.hasOwn(metadata.countries, settings.defaultCountry))
    throw invalid('defaultCountry', 'must be an ISO 3166-1 code of a country with telephone numbers, such as US')
}

/** A name that is shown to people: 1 to 128 characters, none of them a control character or half a surrogate pair. */
export function checkLabel(field: string, text: string): void {
  if (text.trim() === '' || text.length > 128) throw invalid(field, 'must have 1 to 128 characters')
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) throw invalid(field, 'must not contain control characters')
}
