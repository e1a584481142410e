import { type Static, Type } from 'typebox'
import { HANGUP_SOURCES, SHOWN_DIRECTIONS } from '../zentrunk/call.ts'
import { IntegerOrNull, ListParameters, TextOrNull } from '../zentrunk/schema.ts'
import { STIR_VERIFICATIONS } from '../zentrunk/stir.ts'

const UTC = 'UTC, YYYY-MM-DD HH:MM:SS.'

/**
 * A call of the SIP trunking API. Source: a production answer quoted in the tests of Plivo's own command line
 * (github.com/plivo/plivo-cli, cmd/sip_test.go): its fields, their order and types. Money is decimal text, with five
 * places or as many as it needs.
 */
export const PlivoCall = Type.Object({
  call_uuid: Type.String(),
  call_id: TextOrNull('The SIP Call-ID.'),
  from_number: TextOrNull(),
  to_number: TextOrNull(),
  call_direction: Type.Enum([...SHOWN_DIRECTIONS]),
  call_duration: Type.Integer({ description: 'Seconds talked.' }),
  bill_duration: Type.Integer({ description: 'Seconds billed, equal to billed_duration.' }),
  end_time: Type.String({ description: UTC }),
  hangup_cause_name: TextOrNull(),
  hangup_source: TextOrNull(HANGUP_SOURCES.join(', ')),
  total_rate: Type.String({ description: 'Per minute.' }),
  total_amount: Type.String(),
  initiation_time: Type.String({ description: UTC }),
  answer_time: TextOrNull(`${UTC} null: not answered.`),
  trunk_domain: TextOrNull(),
  from_country: TextOrNull('ISO 3166-1 alpha-2.'),
  to_country: TextOrNull('ISO 3166-1 alpha-2.'),
  transport_protocol: TextOrNull(),
  srtp: Type.Boolean(),
  hangup_cause_code: IntegerOrNull(),
  secure_trunking: Type.Boolean(),
  secure_trunking_rate: Type.String({ description: 'Per minute.' }),
  cnam_lookup: Type.Boolean(),
  cnam_lookup_rate: Type.String(),
  stir_verification: Type.Enum([...STIR_VERIFICATIONS]),
  attestation_indicator: Type.String({ description: 'A, B or C; the text null where there is none.' }),
  billed_duration: Type.Integer({ description: 'Seconds billed.' }),
})
export type PlivoCall = Static<typeof PlivoCall>

export const PlivoCallList = Type.Object({
  api_id: Type.String({ format: 'uuid' }),
  meta: Type.Object({
    limit: Type.Integer(),
    offset: Type.Integer(),
    total_count: Type.Integer(),
    previous: TextOrNull('Path of the page before; null on the first.'),
    next: TextOrNull('Path of the page after; null on the last.'),
  }),
  objects: Type.Array(PlivoCall),
})
export type PlivoCallList = Static<typeof PlivoCallList>

const InsightsParty = Type.Object({
  carrier: TextOrNull(),
  number: TextOrNull(),
  region: TextOrNull('ISO 3166-1 alpha-2.'),
})

/** Quality of one call. Source: "Retrieve Call Insights" of the current SIP trunking documentation. */
export const PlivoInsights = Type.Object({
  api_id: Type.String({ format: 'uuid' }),
  call_uuid: Type.String(),
  from: InsightsParty,
  to: InsightsParty,
  hangup_cause: TextOrNull(),
  hangup_source: TextOrNull(HANGUP_SOURCES.join(', ')),
  rtt: TextOrNull('Round trip in ms; null: not measured.'),
  jitter: TextOrNull('ms; null: not measured.'),
  packet_loss: TextOrNull('Per cent; null: not measured.'),
  post_dial_delay: Type.Unsafe<number | null>({
    type: ['number', 'null'],
    description: 'ms from the start to the ringing; null: never rang, or not told.',
  }),
  plivo_quality_score: TextOrNull('1 to 5 with one decimal; null: no score.'),
})
export type PlivoInsights = Static<typeof PlivoInsights>

export const PlivoListQuery = Type.Object(ListParameters)
