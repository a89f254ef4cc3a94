// Package appliance reads what the command line of Unified CM, CUPS, IM and Presence, Emergency Responder and Unity Connection prints,
// as people paste or save it: whole SSH sessions of several nodes, single outputs without a prompt, terminal logs with pager lines, colour
// codes and carriage returns, and files that belong to such evidence (licence files, registry exports of Windows Time, phone logs).
//
// Text goes in; records come out, in the order of the text. A record is a few properties with the same number. Each property has a Field,
// the node that it speaks of, a cleaned value, and the byte range of the value in the text that was given. A Command property is
// before the records of each output. The package judges nothing, opens nothing and knows nothing of the rest of the program.
//
// # How a text is split
//
// Scan walks the lines once and makes blocks: one for each output. A block begins at a prompt ("admin:show status"), at a header of a
// script ("#####show status#####"), or at a line that only one output has (signature). A second output of a command without a prompt
// begins where the first line of the block comes again (command.begins). A session begins at the banner of a login, or at
// a line that names a node ("### sub1 ###", separator.go), which counts where no output of the session does. The
// node of a block is the nearest one that an output of the same session names (Host Name, the own row of show network cluster,
// "Cluster Detailed View from NAME"). Blocks of unknown commands are listed as skipped.
//
// Of one command on one node the last two outputs are read: the last one counts, and the one before it shows what grows.
//
// # How to add a command
//
//  1. Add a row to the table commands in commands.go: how the command begins, and its reader.
//  2. If people paste the output without the prompt, add a line to signature in commands.go.
//  3. Add the fields of its records to the table in field.go.
//  4. Write the reader: func(t *Text, o *Out). Find values in t.S (cleaned, lines joined by \n), call o.Record() for each record
//     and o.Put(field, from, to) for each value; offsets are those of t.S. Do not depend on line breaks where a copy may have lost them.
//  5. Add a case to TestCommands and a seed to FuzzRead.
package appliance
