import { type Static, Type } from 'typebox'

const DAYS = Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()])
const CLOCK = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' })
const SECONDS = { minimum: 0, maximum: 3600 } as const
const OpenHours = (extra: { default?: never[]; description: string }) =>
  Type.Array(
    Type.Object({
      days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 7 }),
      from: CLOCK,
      to: CLOCK,
    }),
    { maxItems: 32, ...extra },
  )
const Holidays = (extra: { default?: never[]; description: string }) =>
  Type.Array(Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' }), { maxItems: 400, ...extra })

/**
 * How the share of calls answered in time is counted; see `serviceLevel`. What Cisco's contact centres call the
 * abandoned calls' effect, and what Talkdesk leaves out.
 */
export const SERVICE_LEVEL_FORMULAS = [
  'without_short',
  'ignore_abandoned',
  'abandoned_negative',
  'abandoned_positive',
] as const
export type ServiceLevelFormula = (typeof SERVICE_LEVEL_FORMULAS)[number]
const Formula = (extra: object) =>
  Type.Unsafe<ServiceLevelFormula>({ type: 'string', enum: [...SERVICE_LEVEL_FORMULAS], ...extra })

/** What an account can set for itself. Every field has a default, so that a name is enough to begin with. */
export const AccountSettings = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128, description: 'Shown to people.' }),
    timeZone: Type.String({ maxLength: 64, default: 'UTC', description: 'IANA name; local times of the account.' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', default: 'USD', description: 'ISO 4217.' }),
    defaultCountry: Type.Union([Type.String({ pattern: '^[A-Z]{2}$' }), Type.Null()], {
      default: null,
      description: 'ISO 3166-1 alpha-2: how numbers without a country code are read; null reads none.',
    }),
    dialOutPrefixes: Type.Array(Type.String({ pattern: '^[0-9*#]{1,8}$' }), {
      maxItems: 16,
      default: [],
      description: 'Digits dialled to get a line, such as 9; taken off before a number is read.',
    }),
    billingIncrement: Type.Object(
      { firstS: Type.Integer({ minimum: 0, maximum: 3600 }), nextS: Type.Integer({ minimum: 1, maximum: 3600 }) },
      { default: { firstS: 1, nextS: 1 }, description: 'How seconds are billed where no source states it.' },
    ),
    serviceLevelS: Type.Integer({ ...SECONDS, default: 20, description: 'Seconds to answer within.' }),
    serviceLevelFormula: Formula({
      default: 'without_short',
      description: 'How the service level counts abandoned calls; docs/contact-centre.md has the formulas.',
    }),
    shortAbandonS: Type.Integer({ ...SECONDS, default: 10, description: 'Seconds under which it is short.' }),
    businessHours: OpenHours({ default: [], description: 'ISO week days and local times; none means always open.' }),
    holidays: Holidays({ default: [], description: 'Local dates on which nobody works, such as 2026-12-25.' }),
    ringGroups: Type.Array(
      Type.Object(
        {
          id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
          timeZone: Type.Optional(Type.String({ maxLength: 64 })),
          serviceLevelS: Type.Optional(Type.Integer(SECONDS)),
          serviceLevelFormula: Type.Optional(Formula({})),
          shortAbandonS: Type.Optional(Type.Integer(SECONDS)),
          businessHours: Type.Optional(OpenHours({ description: 'Instead of the account’s.' })),
          holidays: Type.Optional(Holidays({ description: 'Instead of the account’s.' })),
        },
        { additionalProperties: false },
      ),
      { maxItems: 500, default: [], description: 'Ring groups that differ; what one leaves out is the account’s.' },
    ),
    retention: Type.Object(
      { callDays: DAYS, rawDays: DAYS, recordingDays: DAYS },
      {
        default: { callDays: null, rawDays: null, recordingDays: null },
        description: 'Days to keep calls, reports as they came, and links of recordings; null keeps for good.',
      },
    ),
  },
  { additionalProperties: false },
)
export type AccountSettings = Static<typeof AccountSettings>

/** What call types depend on. */
export type CenterSettings = Pick<
  AccountSettings,
  'timeZone' | 'serviceLevelS' | 'serviceLevelFormula' | 'shortAbandonS' | 'businessHours' | 'holidays' | 'ringGroups'
>

/**
 * An account's settings, and what call types depended on before they were changed: `past` in order of time, each in
 * force from the end of the one before until `beforeUs`, exclusive.
 */
export interface DerivingSettings extends AccountSettings {
  past?: readonly { beforeUs: number; settings: CenterSettings }[]
}

/** The settings in force at a time. */
export function centerSettingsAt(settings: DerivingSettings, atUs: number): CenterSettings {
  return settings.past?.find(({ beforeUs }) => atUs < beforeUs)?.settings ?? settings
}

/** The tenant; every call belongs to exactly one. */
export interface Account {
  /** `MA` and 18 of A-Z0-9. */
  id: string
  settings: AccountSettings
  createdAtUs: number
}

export const ACCOUNT_ID = /^MA[A-Z0-9]{18}$/

/** The settings of an account that has only a name. */
export function defaultSettings(name: string): AccountSettings {
  return {
    name,
    timeZone: 'UTC',
    currency: 'USD',
    defaultCountry: null,
    dialOutPrefixes: [],
    billingIncrement: { firstS: 1, nextS: 1 },
    serviceLevelS: 20,
    serviceLevelFormula: 'without_short',
    shortAbandonS: 10,
    businessHours: [],
    holidays: [],
    ringGroups: [],
    retention: { callDays: null, rawDays: null, recordingDays: null },
  }
}
