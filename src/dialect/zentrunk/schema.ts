import { Type } from 'typebox'
import { PlivoError } from './errors.ts'

/** Text that can be unknown, in the form that OpenAPI 3.1 and the serializer read without a union. */
export const TextOrNull = (description?: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...(description === undefined ? {} : { description }) })

export const IntegerOrNull = (description?: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], ...(description === undefined ? {} : { description }) })

export const AccountPath = Type.Object({
  authId: Type.String({ description: 'The account, which must be that of the credential.' }),
})

export const CallPath = Type.Object({
  authId: Type.String({ description: 'The account, which must be that of the credential.' }),
  callUuid: Type.String({ description: 'The call, in any case.' }),
})

const filter = (description: string) => Type.Optional(Type.String({ description }))

const compared = (name: string, what: string) => ({
  [name]: filter(what),
  [`${name}__gt`]: filter('More or later than this.'),
  [`${name}__gte`]: filter('This, or more or later.'),
  [`${name}__lt`]: filter('Less or earlier than this.'),
  [`${name}__lte`]: filter('This, or less or earlier.'),
})

/** The parameters of a list that both dialects take. Values are text: the dialects read and refuse them themselves. */
export const ListParameters = {
  from_number: filter('The caller: a number or its beginning, with or without a leading +.'),
  to_number: filter('The number called: a number or its beginning, with or without a leading +.'),
  call_direction: filter('inbound or outbound.'),
  hangup_cause_code: filter('A code of the hangup table, such as 3000.'),
  hangup_source: filter('customer, carrier or zentrunk.'),
  stir_verification: filter('Verified, Not Verified or Not Applicable.'),
  ...compared('bill_duration', 'Billed seconds.'),
  ...compared('end_time', 'When the call ended: YYYY-MM-DD HH:MM[:ss[.uuuuuu]], a date, or an RFC 3339 time.'),
  limit: filter('Rows of an answer, 1 to 20; 20 where it is left out.'),
  offset: filter('Rows to skip; 0 where it is left out.'),
}

/** What every path of the Plivo dialects says of itself in the OpenAPI document. */
export const ERRORS = { '4xx': PlivoError, '5xx': PlivoError } as const
export const SECURITY = [{ basic: [] }]

/** `Calltrail-Searched` on lists. */
export const SEARCHED_HEADER = 'calltrail-searched'
