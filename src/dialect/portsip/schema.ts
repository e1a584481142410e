import { type Static, Type } from 'typebox'
import { DIRECTION_WORDS, END_REASONS } from './call.ts'
import { PortsipError } from './errors.ts'

const TIME = 'RFC 3339, UTC, with microseconds.'

/**
 * A call log. Source: PortSIP PBX REST API v22, "Calllogs", "Retrieve call log detailed information": the fields and their
 * order; and the worked example of "List CDRs", which writes what is blank as the empty text.
 */
export const CallLog = Type.Object({
  id: Type.String({ description: 'Base64 of a decimal number.' }),
  session_id: Type.String({ description: 'The legs of one conversation share it.' }),
  caller: Type.String(),
  caller_domain: Type.String(),
  caller_display_name: Type.String(),
  callee: Type.String(),
  callee_domain: Type.String(),
  callee_display_name: Type.String(),
  started_at: Type.String({ description: TIME }),
  rang_at: Type.String({ description: `${TIME} Empty: did not ring, or not told.` }),
  answered_at: Type.String({ description: `${TIME} Empty: not answered.` }),
  ended_at: Type.String({ description: TIME }),
  call_id: Type.String({ description: 'The SIP Call-ID.' }),
  direction: Type.String({ enum: Object.values(DIRECTION_WORDS) }),
  end_reason: Type.String({ enum: [...END_REASONS, ''] }),
  reroute_reason: Type.String({ description: 'TRANSFER, OVERFLOW, or another that the PBX stated.' }),
  status_code: Type.Integer({ description: '0: no error, else the SIP status.' }),
  destination: Type.String(),
  outbound_caller_id: Type.String(),
  did_cid: Type.String(),
  trunk: Type.String({ description: 'The name of the trunk.' }),
  duration: Type.Integer({ description: 'Seconds talked.' }),
  cost: Type.Number({ description: 'In the currency of the account; 0 where it is not known.' }),
  billed_account: Type.String(),
  service_number: Type.String(),
  user_data: Type.String(),
})
export type CallLog = Static<typeof CallLog>

export const CallLogSummary = Type.Omit(CallLog, ['cost', 'billed_account'])
export type CallLogSummary = Static<typeof CallLogSummary>

export const Cdr = Type.Omit(CallLogSummary, ['session_id'])
export type Cdr = Static<typeof Cdr>

export const CdrLeg = Type.Omit(CallLog, ['id', 'session_id'])
export type CdrLeg = Static<typeof CdrLeg>

const count = Type.Integer({ description: 'Exact number of matches.' })

export const CallLogList = Type.Object({ count, items: Type.Array(CallLogSummary) })
export const CdrList = Type.Object({ count, items: Type.Array(Cdr) })
export const CdrLegs = Type.Object({ items: Type.Array(CdrLeg) })

export const CallPath = Type.Object({
  id: Type.String({
    description: 'The call: its id here, encoded or plain, or the id or session that its PBX gave it.',
  }),
})

const option = (description: string) => Type.Optional(Type.String({ description }))

/** The options of a list; each may have a $ before its name. Values are text: the dialect reads and refuses them itself. */
export const ListQuery = Type.Object({
  filter: option(
    "OData: eq, ne, gt, ge, lt, le, and, or, not, startswith(f,'x'), endswith, contains; 'quoted' texts and times.",
  ),
  orderby: option('Fields, each with asc (which is meant where nothing is said) or desc: caller asc, started_at desc.'),
  top: option('Items of an answer, 1 to 100; 100 where it is left out.'),
  skip: option('Items to skip; 0 where it is left out.'),
  count: option('true or false; the count is always answered.'),
  search: option('A part of a number, a name or the Call-ID.'),
})

/** What every path says of itself in the OpenAPI document. */
export const ERRORS = { '4xx': PortsipError, '5xx': PortsipError } as const

/** The body of a grant. Source: PortSIP PBX REST API, "Authentication"; RFC 6749, 4.3 and 6. */
export const TokenRequest = Type.Object({
  grant_type: Type.String({ description: 'password or refresh_token.' }),
  username: option('For password: the id of the account.'),
  password: option('For password: a key with the scope read.'),
  refresh_token: option('For refresh_token.'),
})

export const Tokens = Type.Object({
  access_token: Type.String({ description: 'For `Authorization: Bearer`; reads only.' }),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  refresh_token: Type.String(),
  token_type: Type.String({ enum: ['Bearer'] }),
})
export type Tokens = Static<typeof Tokens>
