import { type Static, Type } from 'typebox'

const DAYS = Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()])
const CLOCK = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' })

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
    serviceLevelS: Type.Integer({ minimum: 0, maximum: 3600, default: 20, description: 'Seconds to answer within.' }),
    shortAbandonS: Type.Integer({
      minimum: 0,
      maximum: 3600,
      default: 10,
      description: 'Seconds under which it is short.',
    }),
    businessHours: Type.Array(
      Type.Object({
        days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 7 }),
        from: CLOCK,
        to: CLOCK,
      }),
      { maxItems: 32, default: [], description: 'ISO week days and local times; none means always open.' },
    ),
    retention: Type.Object(
      { callDays: DAYS, rawDays: DAYS },
      { default: { callDays: null, rawDays: null }, description: 'Days to keep; null keeps for good.' },
    ),
  },
  { additionalProperties: false },
)
export type AccountSettings = Static<typeof AccountSettings>

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
    shortAbandonS: 10,
    businessHours: [],
    retention: { callDays: null, rawDays: null },
  }
}
