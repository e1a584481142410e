import { type AccountSettings, centerSettingsAt, type DerivingSettings } from '../record/account.ts'
import { CALL_TYPES, type CallRecord, type CallType } from '../record/call-record.ts'
import { callTypes } from './call-types.ts'
import { countCall, noCalls, type ServiceLevelCounts } from './service-level.ts'

/** What an account's settings of today would do to calls that were classified before. */
export interface TypeChanges {
  types: Record<CallType, { before: number; after: number }>
  serviceLevel: { before: ServiceLevelCounts; after: ServiceLevelCounts }
}

export function noChanges(): TypeChanges {
  const none = CALL_TYPES.map((type) => [type, { before: 0, after: 0 }])
  return { types: Object.fromEntries(none), serviceLevel: { before: noCalls(), after: noCalls() } }
}

/** The types of an ended call by these settings; as they are where a source stated them. */
export function typesBy(call: CallRecord, settings: AccountSettings): readonly CallType[] {
  return call.stated.includes('center.call_types') ? call.callTypes : callTypes(call, settings)
}

/** Counts an ended call more, by the types that it has and those that it would have. */
export function countTypes(changes: TypeChanges, call: CallRecord, settings: DerivingSettings): void {
  const after = typesBy(call, settings)
  for (const type of call.callTypes) changes.types[type].before += 1
  for (const type of after) changes.types[type].after += 1
  const settingsThen = centerSettingsAt(settings, call.endedAtUs ?? Number.POSITIVE_INFINITY)
  countCall(changes.serviceLevel.before, { call, types: call.callTypes, settings: settingsThen })
  countCall(changes.serviceLevel.after, { call, types: after, settings })
}
