import { type Static, Type } from 'typebox'
import { HANGUP_SOURCES, SHOWN_DIRECTIONS } from '../zentrunk/call.ts'
import { IntegerOrNull, ListParameters, TextOrNull } from '../zentrunk/schema.ts'
import { STIR_VERIFICATIONS } from '../zentrunk/stir.ts'

const LOCAL = 'YYYY-MM-DD HH:MM:SS in the time zone of the account.'

const NumberOrText = Type.Unsafe<number | string | null>({
  type: ['integer', 'string', 'null'],
  description: 'An integer; text where the number has more than digits, begins with 0, or is above 2^53.',
})

/**
 * A call of the older Zentrunk API. Source: "Retrieve details of all calls", tab "Legacy", of Plivo's private beta
 * documentation: its fields, their order and types. Numbers are JSON integers and money JSON numbers.
 */
export const PlivoLegacyCall = Type.Object({
  call_uuid: Type.String(),
  bill_duration: Type.Integer({ description: 'Seconds billed.' }),
  trunk_id: TextOrNull(),
  end_time: Type.String({ description: LOCAL }),
  from_number: NumberOrText,
  to_number: NumberOrText,
  call_direction: Type.Enum([...SHOWN_DIRECTIONS]),
  duration: Type.Integer({ description: 'Seconds talked.' }),
  hangup_cause: TextOrNull(),
  hangup_initiator: TextOrNull(HANGUP_SOURCES.join(', ')),
  rate: Type.Number({ description: 'Per minute.' }),
  total_amount: Type.Number(),
  initiation_time: Type.String({ description: LOCAL }),
  answer_time: TextOrNull(`${LOCAL} null: not answered.`),
  trunk_domain: TextOrNull(),
  region: TextOrNull(),
  from_country: TextOrNull('ISO 3166-1 alpha-2.'),
  to_country: TextOrNull('ISO 3166-1 alpha-2.'),
  transport_protocol: TextOrNull(),
  srtp: Type.Boolean(),
  hangup_code: IntegerOrNull(),
  secure_trunking: Type.Boolean(),
  secure_trunking_rate: Type.Number({ description: 'Per minute.' }),
  stir_verification: Type.Enum([...STIR_VERIFICATIONS]),
})
export type PlivoLegacyCall = Static<typeof PlivoLegacyCall>

export const PlivoLegacyCallList = Type.Object({
  api_id: Type.String({ format: 'uuid' }),
  meta: Type.Object({
    limit: Type.Integer(),
    next: Type.Boolean({ description: 'Whether there is a page after.' }),
    offset: Type.Integer(),
    previous: Type.Boolean({ description: 'Whether there is a page before.' }),
    total_count: Type.Integer(),
  }),
  objects: Type.Array(PlivoLegacyCall),
})
export type PlivoLegacyCallList = Static<typeof PlivoLegacyCallList>

export const PlivoLegacyListQuery = Type.Object({
  ...ListParameters,
  initiation_time: Type.Optional(Type.String({ description: `When the call was placed: ${LOCAL}` })),
  trunk_id: Type.Optional(Type.String({ description: 'Calls of this trunk only.' })),
})
