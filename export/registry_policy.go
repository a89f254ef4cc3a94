package export

import (
	"errors"
	"strconv"
	"strings"
)

// A group policy sets values of the registry by its preferences. They are in Registry.xml of the policy: an element for each value, whose
// child Properties has what is set. A number is hexadecimal, without 0x.
//
//	<Properties action="U" hive="HKEY_CURRENT_USER" key="Software\..." name="UseSSL" type="REG_DWORD" value="00000001"/>

func policyRoot(space, local string) bool { return space == "" && local == "RegistrySettings" }

func (x *xmlReader) beginPolicy() xmlDocument { return &policyDocument{g: registryReader{r: x.r}} }

// A policyDocument reads such a file.
type policyDocument struct {
	g   registryReader
	off int // the depth of an item that is switched off; 0 where there is none
}

func (d *policyDocument) element(x *xmlReader, start int, _, local string) error {
	x.into = false
	depth := len(x.open)
	if depth <= d.off {
		d.off = 0
	}
	var attributes [6]string
	for i, name := range [...]string{"disabled", "action", "hive", "key", "name", "type"} {
		a := attributeNamed(x, name)
		if a == nil {
			continue
		}
		var err error
		if attributes[i], err = x.attributeValue(a); err != nil {
			return err
		}
	}
	disabled, action, hive, key, name, kind := attributes[0], attributes[1], attributes[2], attributes[3], attributes[4], attributes[5]
	if disabled == "1" && d.off == 0 {
		d.off = depth
	}
	value := attributeNamed(x, "value")
	if local != "Properties" || value == nil || name == "" {
		return nil
	}
	d.g.section(hive + `\` + key)
	if d.off > 0 || !d.g.inside || strings.EqualFold(action, "D") {
		x.r.ignore(start, value.end)
		return nil
	}
	text, err := x.attributeValue(value)
	if err != nil {
		return err
	}
	named := attributeNamed(x, "name")
	p := Property{
		Name: name, Value: text, nameStart: int32(named.start), nameEnd: int32(named.end), valueStart: int32(value.start),
		valueEnd: int32(value.end),
	}
	if kind == "REG_DWORD" || kind == "REG_QWORD" {
		n, err := strconv.ParseUint(text, 16, 64)
		if err != nil {
			return x.r.fail(value.start, errors.New("the data of a registry value: a number has hexadecimal digits"))
		}
		p.Value = strconv.FormatUint(n, 10)
	}
	return d.g.add(p)
}

func (*policyDocument) value(*xmlReader, *Property) bool { return false }

func (*policyDocument) text(*xmlReader, int, int) {}

func (d *policyDocument) end(x *xmlReader) error {
	if len(x.r.exp.Properties) == 0 {
		x.r.looksLike("registry settings of a group policy without values below ..."+adminData, "")
	}
	x.r.exp.recognised = len(x.r.exp.Properties) > 0
	return nil
}
