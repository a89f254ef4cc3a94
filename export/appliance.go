package export

import "cupclint/export/appliance"

// ApplianceKey returns the key of a field of package appliance.
func ApplianceKey(f appliance.Field) KeyID { return applianceFirst + KeyID(f) }

// Appliance returns the field of package appliance that the key stands for, and whether it is one.
func (k KeyID) Appliance() (f appliance.Field, ok bool) {
	if k < applianceFirst {
		return 0, false
	}
	return appliance.Field(k - applianceFirst), true
}

// clusterNodes makes Cluster.Node properties of the rows of "show network cluster", each node once.
type clusterNodes struct {
	r    *Reader
	seen map[string]int
	n    int // the node that is read now; 0 where it was seen before
}

func (c *clusterNodes) take(p *appliance.Property, e *Property) error {
	key := NoKey
	switch p.Field {
	case appliance.MemberAddress:
		if c.seen == nil {
			c.seen = make(map[string]int)
		}
		if c.n = 0; c.seen[p.Value] == 0 {
			c.seen[p.Value] = len(c.seen) + 1
			c.n = len(c.seen)
		}
		key = ClusterNodeAddress
	case appliance.MemberName:
		key = ClusterNodeName
	case appliance.MemberProduct:
		if p.Value == "cups" || p.Value == "callmanager" {
			key = ClusterNodeRole
		}
	}
	if key == NoKey || c.n == 0 {
		return nil
	}
	n := *e
	n.Key, n.N, n.Name = key, c.n, key.Name(c.n)
	return c.r.add(&n)
}
