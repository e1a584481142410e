import { type Static, Type } from 'typebox'
import { CALL_TYPES } from '../../record/call-record.ts'

const described = (description?: string) => (description === undefined ? {} : { description })
const TextOrNull = (description?: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...described(description) })
const IntegerOrNull = (description?: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], ...described(description) })

const Contact = Type.Object({
  id: IntegerOrNull('null: the other party of a call that no contact centre told of.'),
  full_name: TextOrNull(),
  number_country_code: TextOrNull('Digits of the calling code.'),
  national_number: TextOrNull(),
  number: TextOrNull('Digits, without +.'),
  list_ids: Type.Array(Type.Integer()),
})

const Agent = Type.Object({
  id: IntegerOrNull(),
  user_id: IntegerOrNull(),
  alias: TextOrNull(),
  sip: TextOrNull(),
  started_at: IntegerOrNull('Unix seconds.'),
  type: Type.Literal('agent'),
  is_any_transfer: Type.Boolean(),
  hangup_reason: TextOrNull('Such as NORMAL_CLEARING.'),
})

const ExternalNumber = Type.Object({ number: Type.String(), is_any_transfer: Type.Boolean() })

const OwnNumber = Type.Object({
  id: IntegerOrNull(),
  number: Type.String({ description: 'Digits, without +.' }),
  numberWithAlias: Type.String({ description: 'The number and its alias in brackets; the number alone without one.' }),
  alias: TextOrNull(),
})

const Named = Type.Object({ id: Type.Integer(), name: TextOrNull() })
const Disposition = Type.Object({ id: IntegerOrNull(), code: TextOrNull(), note: TextOrNull() })
const Recording = Type.Object({ id: IntegerOrNull(), url: TextOrNull() })

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

/** One call. Source: NectarDesk's documentation of `GET /calls/`: its keys, their order, case and types. */
export const NectarDeskCall = Type.Object({
  id: Type.Integer(),
  is_inbound: Type.Boolean(),
  is_answered: Type.Boolean(),
  is_in_queue: Type.Boolean(),
  contact: OrNull(Contact),
  agents: Type.Array(Type.Integer(), { description: 'Ids of all_agents, each once.' }),
  all_agents: Type.Array(Agent),
  answered_agents: Type.Array(Agent),
  external_numbers: Type.Array(ExternalNumber),
  number: OrNull(OwnNumber),
  started_at: Type.Integer({ description: 'Unix seconds.' }),
  duration: Type.Integer({ description: 'Seconds from answer to end.' }),
  talk_time: Type.Integer({ description: 'Seconds that an agent and the other party talked.' }),
  requested_callback: Type.Boolean(),
  is_ended: Type.Boolean(),
  type: Type.String({ description: 'What became of the call, such as answered.' }),
  is_answered_within_sla: Type.Boolean(),
  is_data_cached: Type.Boolean(),
  original_call_id: IntegerOrNull('id of the call that this one came of.'),
  campaign: OrNull(Named),
  ring_group: OrNull(Named),
  ivr: OrNull(Named),
  disposition: OrNull(Disposition),
  recordings: Type.Array(Recording),
  tags: Type.Array(Type.String()),
})
export type NectarDeskCall = Static<typeof NectarDeskCall>
export type NectarDeskContact = Static<typeof Contact>
export type NectarDeskAgent = Static<typeof Agent>
export type NectarDeskNumber = Static<typeof OwnNumber>

export const NectarDeskMeta = Type.Object({
  page: Type.Integer(),
  limit: Type.Integer(),
  total: Type.Integer({ description: 'Exact number of matches.' }),
  next: TextOrNull('Path of the page after; null on the last.'),
  previous: TextOrNull('Path of the page before; null on the first.'),
})
export type NectarDeskMeta = Static<typeof NectarDeskMeta>

export const NectarDeskCallList = Type.Object({ calls: Type.Array(NectarDeskCall), meta: NectarDeskMeta })

const filter = (description: string) => Type.Optional(Type.String({ description }))

/** The documented parameters. Values are text: the dialect reads and refuses them itself, to name each in its error. */
export const NectarDeskListQuery = Type.Object({
  dateFrom: filter('ISO 8601; calls that started at it or later. A date is its whole day in the account’s zone.'),
  dateTo: filter('ISO 8601; calls that started until its end: of a date, until that day is over.'),
  page: filter('From 1; 1 where it is left out.'),
  limit: filter('Rows of a page, 1 to 1000; 100 where it is left out.'),
  numberIds: filter('Ids of the account’s numbers, with commas between.'),
  ringGroupId: filter('Id of a ring group.'),
  ivrId: filter('Id of an IVR.'),
  listId: filter('Id of a contact list.'),
  agentId: filter('Id of an agent.'),
  callType: filter(`One of ${CALL_TYPES.join(', ')}.`),
  dispositionIds: filter('Ids of dispositions, with commas between.'),
  surveyIds: filter('Ids of surveys, with commas between.'),
})
