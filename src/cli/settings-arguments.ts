import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { settingsFields } from '../dialect/native/settings-wire.ts'
import { wrongUsage } from './exit.ts'

/**
 * `time_zone=Europe/Berlin`, `billing_increment.first_s=60`, `dial_out_prefixes=["9"]` as changes of an account's
 * settings on the native wire: text where the setting is text, else JSON. Throws for what is no setting; whether a
 * value can be is the directory's to say.
 */
export function readSettings(given: readonly string[]): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const argument of given) {
    const [, name = '', text = ''] = /^([a-z_.]+)=(.*)$/s.exec(argument) ?? []
    const [top = '', inner, ...deeper] = name.split('.')
    const schema = schemaOf(top, inner)
    if (schema === undefined || deeper.length > 0)
      throw wrongUsage(`${argument}: write SETTING=VALUE, with one of ${Object.keys(settingsFields).join(', ')}`)
    const value = Value.Check(schema, text) ? text : json(text)
    if (inner === undefined) changes[top] = value
    else changes[top] = { ...(changes[top] as object | undefined), [inner]: value }
  }
  return changes
}

function schemaOf(top: string, inner: string | undefined): TSchema | undefined {
  const schema = settingsFields[top] as (TSchema & { properties?: Record<string, TSchema> }) | undefined
  return inner === undefined ? schema : schema?.properties?.[inner]
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
