package sender

// MaxValues bounds the values that one record is read into. A value of two bytes takes
// about a hundred while it is read: without a bound a record of 16 MiB of zeros took
// 800 MB. It is more than records have, and costs 20 MB at most. What exceeds it is kept
// as text, and _repaired says so.
const MaxValues = 200_000
