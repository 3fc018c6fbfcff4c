# Sum the card-seconds held in a period, by account and card type, from sacct's parsable2 rows:
#   awk -f card_seconds.awk -v from=1772294400 -v until=1774972800 sacct-2026-03.txt
# A row is counted when its JobID has no dot (a step lies within its job), for every run
# (a requeued job has one row per run) and from Start to End, suspended or not.
BEGIN { FS = "|" }
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
$column["JobID"] ~ /\./ || $column["Start"] !~ /^[0-9]+$/ { next }
{
    start = $column["Start"] + 0
    end = $column["End"] ~ /^[0-9]+$/ ? $column["End"] + 0 : until
    if (start < from + 0) start = from + 0
    if (end > until + 0) end = until + 0
    if (end <= start) next
    count = split($column["AllocTRES"], part, ",")
    for (i = 1; i <= count; i++)
        if (part[i] ~ /^gres\/gpu:/) {
            split(substr(part[i], 10), typed, "=")
            held[$column["Account"] "|" typed[1]] += (end - start) * typed[2]
        }
}
END { for (key in held) printf "%s|%d\n", key, held[key] | "sort" }
