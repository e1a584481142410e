import { type TProperties, type TSchema, Type } from 'typebox'
import { AccountSettings } from '../../record/account.ts'
import { wireName } from '../../record/wire.ts'

type Settings = Record<string, unknown>

interface Shape {
  properties?: Record<string, TSchema>
  items?: TSchema
  default?: unknown
  description?: string
  maxItems?: number
}

/** An account's settings on the wire: the names of the one schema in snake_case. */
export const settingsFields: TProperties = fieldsOf(AccountSettings, (schema) => schema)

/** As `settingsFields`, but any of them, nested ones too, can be left out. */
export const settingsChanges: TProperties = fieldsOf(AccountSettings, (schema) => Type.Optional(schema))

function fieldsOf(schema: TSchema, each: (field: TSchema) => TSchema): TProperties {
  const { properties = {} } = schema as Shape
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [wireName(name), each(onWire(inner, each))]),
  )
}

/** Entries of a list are always whole, but for what the schema leaves to choice: a list is replaced, not merged. */
function onWire(schema: TSchema, each: (field: TSchema) => TSchema): TSchema {
  const written = writtenOf(schema, each)
  return Type.IsOptional(schema) ? Type.Optional(written) : written
}

function writtenOf(schema: TSchema, each: (field: TSchema) => TSchema): TSchema {
  const { properties, items, default: preset, description, maxItems } = schema as Shape
  const written = {
    ...(preset === undefined ? {} : { default: writeNames(preset) }),
    ...(description === undefined ? {} : { description }),
    ...(maxItems === undefined ? {} : { maxItems }),
  }
  if (properties !== undefined) return Type.Object(fieldsOf(schema, each), { ...written, additionalProperties: false })
  if (items !== undefined)
    return Type.Array(
      onWire(items, (field) => field),
      written,
    )
  return schema
}

/** `{ timeZone }` -> `{ time_zone }`, at every depth. */
export function writeNames(value: unknown): unknown {
  return renamed(value, wireName)
}

/** `{ time_zone }` -> `{ timeZone }`, at every depth. */
export function readNames(value: unknown): unknown {
  return renamed(value, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [rename(name), renamed(inner, rename)]))
}

/** The settings with changes from the wire in them: objects are merged, lists and plain values replaced. */
export function changedSettings(settings: AccountSettings, changes: Settings): AccountSettings {
  return merged(settings, readNames(changes) as Settings) as AccountSettings
}

function merged(before: Settings, changes: Settings): Settings {
  const after: Settings = { ...before }
  for (const [name, value] of Object.entries(changes)) {
    const held = after[name]
    after[name] = isObject(held) && isObject(value) ? merged(held, value) : value
  }
  return after
}

function isObject(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
