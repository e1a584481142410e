import metadata from 'libphonenumber-js/metadata.max'
import { Compile } from 'typebox/compile'
import { AccountSettings, type CenterSettings } from '../record/account.ts'
import { schemaProblems } from '../record/schema-problem.ts'
import { isZone } from '../record/zone.ts'
import { invalid } from './directory-refusal.ts'

const schema = Compile(AccountSettings)
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

/**
 * Throws `DirectoryRefusal` for settings that the schema does not allow; for a time zone, country, currency or holiday
 * that has the right form and does not exist; for hours that are no span; and for a ring group that is there twice.
 */
export function checkSettings(settings: AccountSettings): void {
  const [problem] = schemaProblems(schema.Errors(settings), { whole: 'settings', unknown: 'is not a setting' })
  if (problem !== undefined) throw invalid(problem.field, problem.why)
  checkLabel('name', settings.name)
  checkZone('timeZone', settings.timeZone)
  if (!CURRENCIES.has(settings.currency)) throw invalid('currency', 'must be an ISO 4217 code such as USD')
  if (settings.defaultCountry !== null && !Object.hasOwn(metadata.countries, settings.defaultCountry))
    throw invalid('defaultCountry', 'must be an ISO 3166-1 code of a country with telephone numbers, such as US')
  checkHours('', settings)
  checkRingGroups(settings.ringGroups)
}

function checkZone(field: string, timeZone: string): void {
  // A fixed offset knows no summer time: well for a source's clock, wrong for people's.
  if (!/^[A-Za-z]/.test(timeZone) || !isZone(timeZone))
    throw invalid(field, 'must be an IANA time zone such as Europe/Berlin')
}

/** `under` goes before the names of the fields: `ringGroups[2].` for those of a ring group. */
function checkHours(under: string, { businessHours = [], holidays = [] }: Partial<CenterSettings>): void {
  for (const [index, { from, to }] of businessHours.entries()) {
    const field = `${under}businessHours[${index}]`
    if (from === '24:00') throw invalid(`${field}.from`, 'must be before 24:00; a day begins at 00:00')
    if (from === to) throw invalid(`${field}.to`, 'must not be the time it begins at; a whole day is 00:00 to 24:00')
  }
  for (const [index, date] of holidays.entries())
    if (!isDate(date)) throw invalid(`${under}holidays[${index}]`, 'must be a date that exists')
}

/** Whether `2026-02-29` is in the calendar; it has the form of a date already. */
function isDate(date: string): boolean {
  const time = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date)
}

function checkRingGroups(ringGroups: CenterSettings['ringGroups']): void {
  const seen = new Set<number>()
  for (const [index, { id, timeZone, businessHours, holidays }] of ringGroups.entries()) {
    const under = `ringGroups[${index}].`
    if (seen.has(id)) throw invalid(`${under}id`, 'is the id of a ring group before it')
    seen.add(id)
    if (timeZone !== undefined) checkZone(`${under}timeZone`, timeZone)
    checkHours(under, { ...(businessHours && { businessHours }), ...(holidays && { holidays }) })
  }
}

/** A name that is shown to people: 1 to 128 characters, none of them a control character or half a surrogate pair. */
export function checkLabel(field: string, text: string): void {
  if (text.trim() === '' || text.length > 128) throw invalid(field, 'must have 1 to 128 characters')
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) throw invalid(field, 'must not contain control characters')
}
