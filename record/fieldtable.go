package record

// fieldTable finds a field by its name: open addressing over a cheap hash, built
// once from Fields. Looking every key of every record up in a map was a third of
// the time to write a record.
var fieldTable = func() (t [256]FieldID) {
	for i := range t {
		t[i] = noField
	}
	for i := range Fields {
		h := nameHash(Fields[i].Name)
		for t[h] != noField {
			h++
		}
		t[h] = Fields[i].ID
	}
	return t
}()

const noField = FieldID(255)

// nameHash needs names of at least one byte.
func nameHash(name string) uint8 {
	n := len(name)
	return uint8(n)*7 + name[0]*31 + name[n-1]*17 + name[n/2]*3
}

func fieldOf(name string) (FieldID, bool) {
	const longest = len("service_version")
	if len(name) == 0 || len(name) > longest {
		return 0, false
	}
	for h := nameHash(name); ; h++ {
		id := fieldTable[h]
		if id == noField {
			return 0, false
		}
		if Fields[id].Name == name {
			return id, true
		}
	}
}

// fieldKeys are the fields' names as AppendJSON writes them: ,"name":
var fieldKeys = func() (keys [NumFields]string) {
	for i := range Fields {
		keys[i] = `,"` + Fields[i].Name + `":`
	}
	return keys
}()

// attrRole says what an attribute named like a field means.
type attrRole uint8

const (
	roleRest  attrRole = iota // the name is only a name: the attribute stays in metadata
	roleField                 // it is the field's value if it fits the type (FromAttr)
	roleOwn                   // it moves to Record's own field, when it is text and that is empty
	roleOf                    // it moves to the record's resource, when it is text
)

var attrRoles = func() (roles [NumFields]attrRole) {
	for i := range Fields {
		switch Fields[i].Origin {
		case FromAttr:
			roles[i] = roleField
		case FromResource:
			roles[i] = roleOf
		}
	}
	roles[FieldTraceID], roles[FieldSpanID], roles[FieldLogger] = roleOwn, roleOwn, roleOwn
	return roles
}()

func attrFieldOf(key string) (FieldID, attrRole) {
	id, ok := fieldOf(key)
	if !ok {
		return 0, roleRest
	}
	return id, attrRoles[id]
}
