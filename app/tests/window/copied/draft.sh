keyglass commit 'shop.sqlite3' - <<'DRAFT'
{"operation":"check","key":[{"type":"string","value":"absent"}],"versionstamp":null}
{"operation":"set","key":[{"type":"string","value":"it's"},{"type":"bigint","value":"42"},{"type":"Uint8Array","value":"Af8","byteLength":2}],"value":{"type":"object","value":{"tags":{"type":"Array","value":[{"type":"string","value":"a"},{"type":"bigint","value":"1"}]},"at":{"type":"Date","value":"1970-01-01T00:00:00.000Z"}}}}
{"operation":"set","key":[{"type":"string","value":"cache"}],"value":{"type":"string","value":"x"},"expireIn":86400000}
{"operation":"set","key":[{"type":"string","value":"late"}],"value":{"type":"string","value":"x"},"expireAt":4102444800000}
{"operation":"setSuffixVersionstampedKey","key":[{"type":"string","value":"log"}],"value":{"type":"KvU64","value":"7"}}
{"operation":"delete","key":[{"type":"string","value":"gone"}]}
{"operation":"sum","key":[{"type":"string","value":"visits"}],"value":{"type":"KvU64","value":"2"}}
{"operation":"sum","key":[{"type":"string","value":"balance"}],"value":{"type":"bigint","value":"-5"}}
{"operation":"min","key":[{"type":"string","value":"least"}],"value":{"type":"KvU64","value":"3"}}
{"operation":"max","key":[{"type":"string","value":"most"}],"value":{"type":"KvU64","value":"3"}}
{"operation":"enqueue","value":{"type":"object","value":{"mail":{"type":"string","value":"Ada"}}},"delay":3600000,"keysIfUndelivered":[[{"type":"string","value":"dead"}]],"backoffSchedule":[100,2000]}
DRAFT
