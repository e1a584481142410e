import type { CallRecord } from './call-record.ts'

/** The values of a record's fields, named by paths such as `id`, `from.number` and `center`; null for what it has not. */
export function fieldsReader(paths: readonly string[]): (call: CallRecord) => unknown[] {
  const places = paths.map((path) => path.split('.') as [keyof CallRecord, string?])
  return (call) =>
    places.map(([outer, inner]) =>
      inner === undefined ? call[outer] : ((call[outer] as Record<string, unknown> | null)?.[inner] ?? null),
    )
}
