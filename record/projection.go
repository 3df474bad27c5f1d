package record

// FieldType is the type of a projected field.
type FieldType uint8

// The types of fields, with their forms in JSON.
const (
	TypeText    FieldType = iota // a string
	TypeInteger                  // a number without fraction
	TypeNumber                   // a finite number
	TypeTime                     // RFC 3339, UTC, microseconds
	TypeBool                     // true or false
	TypeID                       // a position, as a decimal string
	TypeObject                   // an object: metadata
)

// FieldID is the place of a field in [Fields], in a [Row] and of its column in a
// store's table.
type FieldID uint8

// The projection's fields, in order.
const (
	FieldPosition FieldID = iota
	FieldCreatedAt
	FieldLevel
	FieldMessage
	FieldLogType
	FieldService
	FieldEnvironment
	FieldServiceVersion
	FieldTraceID
	FieldUserID
	FieldSessionID
	FieldErrorType
	FieldStackTrace
	FieldPath
	FieldMethod
	FieldActionType
	FieldFunctionName
	FieldFilePath
	FieldDurationMS
	FieldDeleted
	FieldMetadata
	FieldObservedAt
	FieldSeverity
	FieldLogger
	FieldSpanID
	FieldLineNumber
	FieldHost
	FieldIP
	FieldTenantID
	FieldTag
	FieldKind
	FieldSeq
	FieldSourceID

	NumFields = int(iota)
)

// Origin says where in a [Record] a field's value lives.
type Origin uint8

// The origins of fields.
const (
	FromRecord   Origin = iota // a field of Record itself
	FromResource               // a field of Resource
	FromAttr                   // the last top-level attribute of that name whose value fits the type
	FromRest                   // metadata: all attributes that are not fields
)

// Field describes one field of the projection.
type Field struct {
	ID     FieldID
	Name   string // in JSON, SQL and the search language
	Type   FieldType
	Origin Origin
	Help   string // one line for people
}

// Fields is the projection: the only place where the names of a record's fields
// are written down. It is indexed by FieldID and must not be changed.
var Fields = [NumFields]Field{
	{FieldPosition, "id", TypeID, FromRecord, "the record's position"},
	{FieldCreatedAt, "created_at", TypeTime, FromRecord, "when the record was emitted"},
	{FieldLevel, "level", TypeText, FromRecord, "TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or the unknown level's own text"},
	{FieldMessage, "message", TypeText, FromRecord, "what happened"},
	{FieldLogType, "log_type", TypeText, FromResource, "BACKEND, FRONTEND, MOBILE, IOT or WORKER"},
	{FieldService, "service", TypeText, FromResource, "the program or service that sent it"},
	{FieldEnvironment, "environment", TypeText, FromResource, "production, staging, development …"},
	{FieldServiceVersion, "service_version", TypeText, FromResource, "the sender's version"},
	{FieldTraceID, "trace_id", TypeText, FromRecord, "the trace it belongs to, without dashes"},
	{FieldUserID, "user_id", TypeText, FromAttr, "the user it concerns"},
	{FieldSessionID, "session_id", TypeText, FromAttr, "the user's session"},
	{FieldErrorType, "error_type", TypeText, FromAttr, "the type or class of the error"},
	{FieldStackTrace, "stack_trace", TypeText, FromAttr, "the stack, as text"},
	{FieldPath, "path", TypeText, FromAttr, "the request's path"},
	{FieldMethod, "method", TypeText, FromAttr, "the request's method"},
	{FieldActionType, "action_type", TypeText, FromAttr, "what the user did"},
	{FieldFunctionName, "function_name", TypeText, FromAttr, "the function that logged"},
	{FieldFilePath, "file_path", TypeText, FromAttr, "the source file that logged"},
	{FieldDurationMS, "duration_ms", TypeNumber, FromAttr, "how long it took, in milliseconds"},
	{FieldDeleted, "deleted", TypeBool, FromAttr, "hidden by a soft delete; false unless told"},
	{FieldMetadata, "metadata", TypeObject, FromRest, "every other attribute"},
	{FieldObservedAt, "observed_at", TypeTime, FromRecord, "when the record arrived"},
	{FieldSeverity, "severity", TypeInteger, FromRecord, "the OpenTelemetry severity number, 0 when the level is unknown"},
	{FieldLogger, "logger", TypeText, FromRecord, "the logger's dotted name"},
	{FieldSpanID, "span_id", TypeText, FromRecord, "the span it belongs to"},
	{FieldLineNumber, "line_number", TypeInteger, FromAttr, "the line in the source file"},
	{FieldHost, "host", TypeText, FromResource, "the machine that sent it"},
	{FieldIP, "ip", TypeText, FromAttr, "the client's address"},
	{FieldTenantID, "tenant_id", TypeText, FromAttr, "the tenant it concerns"},
	{FieldTag, "tag", TypeText, FromAttr, "a label that groups records"},
	{FieldKind, "kind", TypeText, FromRecord, "log, divider or checkpoint"},
	{FieldSeq, "seq", TypeInteger, FromRecord, "the emitter's own count"},
	{FieldSourceID, "source_id", TypeText, FromRecord, "the emitter, new for each process start"},
}

// FieldByName finds a field of the projection.
func FieldByName(name string) (Field, bool) {
	id, ok := fieldOf(name)
	if !ok {
		return Field{}, false
	}
	return Fields[id], true
}
