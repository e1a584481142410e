import { type Static, type TSchema, Type } from 'typebox'
import { ACCOUNT_ID } from '../../record/account.ts'
import { RULE_MATCHES, SCOPES, SOURCE_KINDS } from '../../store/directory.ts'
import { settingsChanges, settingsFields } from './settings-wire.ts'

const Closed = { additionalProperties: false } as const
const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Time = Type.String({ format: 'date-time', maxLength: 40, examples: ['2024-01-15T14:28:48.000000Z'] })
const oneOf = <T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>({ type: 'string', enum: [...values] })
const AccountId = Type.String({ pattern: ACCOUNT_ID.source, examples: ['MA2025RK4E639VJFZAGV'] })

/** For a request that takes no query parameters. */
export const NoParameters = Type.Object({}, Closed)

export const WireAccount = Type.Object(
  { account_id: AccountId, created_at: Time, ...settingsFields },
  { ...Closed, description: 'An account and its settings.' },
)

/** Typed as what it is until the directory has checked the merged settings. */
export const SettingsChanges = Type.Unsafe<Record<string, unknown>>(
  Type.Object(settingsChanges, { ...Closed, description: 'The settings to change; the rest stay as they are.' }),
)

export const NewAccount = Type.Unsafe<{ account_id?: string; name: string; [setting: string]: unknown }>(
  Type.Object(
    { account_id: Type.Optional(AccountId), ...settingsChanges, name: Type.String({ minLength: 1, maxLength: 128 }) },
    { ...Closed, description: 'A name and whatever settings shall differ from the defaults.' },
  ),
)

const scopeList = Type.Array(oneOf(SCOPES), { minItems: 1, maxItems: SCOPES.length, uniqueItems: true })
const keyFields = {
  id: Type.String({ description: 'The part of the key between the two first underscores; not secret.' }),
  account_id: AccountId,
  name: Type.String(),
  scopes: scopeList,
  created_at: Time,
  expires_at: OrNull(Time),
  revoked_at: OrNull(Time),
  last_used_at: OrNull(Time),
}
export const WireKey = Type.Object(keyFields, { ...Closed, description: 'A key without its secret.' })
export type WireKey = Static<typeof WireKey>
export const NewWireKey = Type.Object(
  {
    ...keyFields,
    secret: Type.String({ description: 'The whole key. It is shown this once and cannot be read again.' }),
  },
  { ...Closed, description: 'A new key with its secret.' },
)

export const NewKey = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128, description: 'Shown to people.' }),
    scopes: scopeList,
    expires_at: Type.Optional(
      OrNull(Type.String({ maxLength: 40, description: 'RFC 3339 with a zone; null never expires.' })),
    ),
  },
  Closed,
)

export const KeyPath = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const SourcePath = Type.Object({ name: Type.String({ maxLength: 64 }) })
export const QuarantinePath = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })

export const WireRule = Type.Object(
  {
    match: oneOf(RULE_MATCHES),
    value: Type.Optional(OrNull(Type.String({ maxLength: 255 }))),
    account_id: Type.String({ maxLength: 64 }),
  },
  {
    ...Closed,
    description: 'Names the account of a record whose `match` equals `value`; `fixed` matches every record.',
  },
)

const Addresses = Type.Array(Type.String({ maxLength: 64 }), {
  maxItems: 100,
  description: 'Addresses and networks such as 10.0.0.0/8 that need nothing else.',
})

/** Who may send to `POST /sources/{name}`. What is left out stays as it was; null takes it away. */
const AccessGiven = Type.Object(
  {
    user: Type.Optional(OrNull(Type.String({ maxLength: 128, description: 'For Basic and Digest.' }))),
    password: Type.Optional(OrNull(Type.String({ maxLength: 256, description: 'At least 8 characters.' }))),
    token: Type.Optional(OrNull(Type.String({ maxLength: 256, description: 'For Bearer; at least 16 characters.' }))),
    addresses: Type.Optional(Addresses),
  },
  { ...Closed, description: 'Who may send; what is left out stays as it was, and null takes it away.' },
)

const WireAccess = Type.Object(
  { user: OrNull(Type.String()), has_password: Type.Boolean(), has_token: Type.Boolean(), addresses: Addresses },
  { ...Closed, description: 'Who may send, without the secrets.' },
)

const WireService = Type.Object(
  {
    number: Type.String({ maxLength: 128, examples: ['8000'] }),
    kind: oneOf(['ivr', 'queue'] as const),
    name: Type.Optional(OrNull(Type.String({ maxLength: 256 }))),
  },
  { ...Closed, description: 'What a number inside a PBX is, where its records do not say.' },
)

export const SourceGiven = Type.Object(
  {
    kind: oneOf(SOURCE_KINDS),
    time_zone: Type.Optional(
      Type.String({ maxLength: 64, default: 'UTC', description: 'Zone of times that the source writes without one.' }),
    ),
    rules: Type.Optional(
      Type.Array(WireRule, { maxItems: 1000, default: [], description: 'First match names the account.' }),
    ),
    access: Type.Optional(AccessGiven),
    services: Type.Optional(Type.Array(WireService, { maxItems: 1000, default: [] })),
  },
  Closed,
)
export type SourceGiven = Static<typeof SourceGiven>

export const WireSource = Type.Object(
  {
    name: Type.String(),
    kind: oneOf(SOURCE_KINDS),
    time_zone: Type.String(),
    rules: Type.Array(WireRule),
    access: WireAccess,
    services: Type.Array(WireService),
    created_at: Time,
  },
  { ...Closed, description: 'An instance of a system that sends reports in.' },
)
export type WireSource = Static<typeof WireSource>

const quarantineFields = {
  id: Type.Integer(),
  source: Type.String(),
  account_id: OrNull(AccountId),
  arrived_at: Time,
  origin: OrNull(Type.String({ description: 'A file and its line, or the address of a webhook.' })),
  field: OrNull(Type.String()),
  reason: Type.String(),
  raw_bytes: Type.Integer({ description: 'Length of the record in UTF-8.' }),
}
export const WireQuarantined = Type.Object(quarantineFields, Closed)
export type WireQuarantined = Static<typeof WireQuarantined>
export const WireQuarantinedWhole = Type.Object(
  { ...quarantineFields, raw: Type.String({ description: 'The record as it arrived.' }) },
  Closed,
)

export const QuarantineQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    before: Type.Optional(
      Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'The last answer’s next_before.' }),
    ),
    all: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Every account’s entries and those without one; takes the scope operator.',
      }),
    ),
  },
  Closed,
)

export const NewErasure = Type.Object(
  {
    number: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'In any form that the account writes numbers in.',
    }),
    reason: Type.String({ minLength: 1, maxLength: 500, description: 'Kept with the record of the erasure.' }),
  },
  Closed,
)

export const WireErasure = Type.Object(
  {
    id: Type.Integer(),
    number_hash: Type.String({ description: 'Equal for two erasures of one number; only this folder can make it.' }),
    last_two_digits: Type.String(),
    key_id: OrNull(Type.String({ description: 'The key that asked for it; null for the command line.' })),
    reason: Type.String(),
    begun_at: Time,
    finished_at: OrNull(Time),
    calls: Type.Integer({ description: 'Calls that changed.' }),
    reports: Type.Integer({ description: 'Reports as they came that were forgotten.' }),
    quarantined: Type.Integer({ description: 'Records in quarantine that were dropped.' }),
    put_aside: OrNull(
      Type.String({
        description:
          'Folder in the data folder where `calltrail restore --file` put what it replaced, null where nothing is in it. ' +
          'Erasing does not look at it, and it may hold the number: delete it when it is not needed any more.',
      }),
    ),
  },
  { ...Closed, description: 'A number that was erased. Null for `finished_at`: under way, or interrupted.' },
)
export type WireErasure = Static<typeof WireErasure>
