import type { CallRecord } from '../record/call-record.ts'
import { fieldsReader } from '../record/record-fields.ts'
import type { CallPage, ScanQuery } from './call-store.ts'
import type { CallQuery } from './query.ts'
import { TextBuffer } from './text-buffer.ts'

/** How calls are written as text, one after another. */
export interface CallEncoder {
  /** What it needs of a call, as paths of a record such as `id`, `from.number` and `center`; null for the record, as one value. */
  fields: readonly string[] | null
  /** What stands before the first call, calls or none. */
  head: string
  /** Writes one call, from the values of its fields in their order; null for what the call has not. */
  write(values: readonly unknown[], out: TextBuffer): void
}

/** Names an encoder that a module exports, so that another thread can load it. */
export interface EncoderName {
  /** URL of the module. */
  module: string
  name: string
  /** Where the module exports a function that makes the encoder: what it is made with, copied to the thread that reads. */
  given?: unknown
}

/** Makes an encoder with what its name was given. */
export type EncoderMaker = (given: unknown) => CallEncoder

/** What is asked of a scan as text, and of a list as text. */
export type ScanTextQuery = ScanQuery & { encoder: EncoderName }
export type ListTextQuery = CallQuery & { encoder: EncoderName }

/** One call that is asked for as text. It is read where it is asked for, so the encoder itself is given. */
export interface FindTextKey {
  accountId: string
  callUuid: string
  encoder: CallEncoder
}

/** A page as an encoder wrote it. A text, because V8 collects texts as it goes, and octets with all else it holds. */
export interface TextPage extends Omit<CallPage, 'calls'> {
  text: string
  /** How many calls are in it. */
  calls: number
}

/** A part of a scan, in UTF-8, and how many calls are in it. */
export interface TextPart {
  bytes: Uint8Array
  calls: number
}

/** The encoder of a name. Throws where the module exports none. */
export async function loadEncoder(named: EncoderName): Promise<CallEncoder> {
  return (await loadMaker(named))(named.given)
}

/** What makes the encoders of a name, whatever they are given. Throws where the module exports none. */
export async function loadMaker({ module, name }: Omit<EncoderName, 'given'>): Promise<EncoderMaker> {
  const found = ((await import(module)) as Record<string, CallEncoder | EncoderMaker | undefined>)[name]
  if (found === undefined) throw new Error(`${module} exports no ${name}`)
  return typeof found === 'function' ? found : () => found
}

/** Writes records into octets. */
export function recordsWriter({ fields, write }: CallEncoder): (calls: readonly CallRecord[]) => Uint8Array {
  const valuesOf = valuesReader(fields)
  return (calls) => {
    const out = new TextBuffer()
    for (const call of calls) write(valuesOf(call), out)
    return out.taken()
  }
}

const readers = new WeakMap<CallEncoder, (call: CallRecord) => unknown[]>()

/** The text of some records, for where there are records already. */
export function recordsText(calls: readonly CallRecord[], encoder: CallEncoder): string {
  const valuesOf = readers.get(encoder) ?? valuesReader(encoder.fields)
  readers.set(encoder, valuesOf)
  const out = new TextBuffer(4096)
  for (const call of calls) encoder.write(valuesOf(call), out)
  return out.toString()
}

function valuesReader(fields: CallEncoder['fields']): (call: CallRecord) => unknown[] {
  return fields === null ? (call) => [call] : fieldsReader(fields)
}
