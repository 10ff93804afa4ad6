"""Small annotation tables of CASME, MMEW and 4DME, and of datasets with long recordings, as they are published."""

Table = list[list[object]]  # a header and rows, or rows alone where the published file has no header

AUS = ("12", "4+L10", "R1+R2", "14A", "4+7+L10")


def casme(rows: int = 24) -> Table:
    """Two columns have no name; three of the apex's names are in use."""
    emotions = ("tense", "disgust", "repression", "surprise", "happiness", "sadness")
    header = ["Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion"]
    table: Table = [header]
    for i in range(rows):
        onset, name = 40 + i, f"EP{i % 12 + 1:02d}_{i}"
        table.append([i % 4 + 1, name, None, onset, onset + 8, None, onset + 20, None, AUS[i % 5], emotions[i % 6]])
    return table


def casmesq(rows: int = 24) -> Table:
    """No header; every other expression is a macro-expression."""
    emotions, videos = ("negative", "positive", "surprise", "others"), ("anger1", "disgust1", "happy1")
    table: Table = []
    for i in range(rows):
        onset, kind = 100 + 40 * i, ("micro-expression", "macro-expression")[i % 2]
        frames = [onset, onset + 5, onset + 12]
        name = f"{videos[i % 2 + (i >= 16)]}_{i + 1}"
        table.append([f"s{15 + i % 4}", name, *frames, AUS[i % 5], emotions[i // 2 % 4], kind, "disgust"])
    return table


CASMESQ_SUBJECTS: Table = [[15 + i, f"s{15 + i}", i + 1] for i in range(4)]
CASMESQ_VIDEOS: Table = [["0401", "anger1"], ["0101", "disgust1"], ["0503", "happy1"]]


def casmesq_codes(rows: int = 24) -> Table:
    """As published: subjects are codes, which a further sheet explains."""
    return [[int(str(row[0])[1:]) - 14, *row[1:]] for row in casmesq(rows)]


def sammlv(rows: int = 24) -> Table:
    """Nine lines above the header; the names of micro-expressions are those of SAMM; one apex is -1."""
    notes: Table = [[f"Note {line} on the coding of Onset and Offset"] for line in range(9)]
    header = [
        *("Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset", "Duration", "Type"),
        *("Action Units", "Notes"),
    ]
    table: Table = [*notes, header]
    for i in range(rows):
        subject, onset = (6, 7, 9, 10)[i % 4], 560 + 150 * i
        kind, number = ("Micro - 1/2", i) if i % 3 else ("Macro", i + 100)
        frames = [onset, -1 if i == 5 else onset + 26, onset + 70]
        table.append([f"{subject:03d}", f"{subject:03d}_{i % 7 + 1}_{number}", 4, *frames, 71, kind, AUS[i % 5], None])
    return table


def casme3c(rows: int = 24) -> Table:
    """No apex; units are separated by commas, one of which is a Chinese one."""
    emotions = ("disgust", "surprise", "others", "fear", "anger", "sad", "happy")
    table: Table = [["sub", "count", "onset", "offset", "au", "emotion"]]
    for i in range(rows):
        onset = 1175 + 40 * i
        units = "4\uff0c12" if i == 2 else ("12", "4,7", "R1,R2", "14", "4,7,10")[i % 5]
        table.append([i % 4 + 1, i // 4 + 1, onset, onset + 12, units, emotions[i % 7]])
    return table


def casme3c_whole(rows: int = 24) -> Table:
    """Expressions of both kinds, which are given as 1 and 0."""
    table: Table = [["sub", "count", "onset", "apex", "offset", "au", "Exp_type"]]
    for i in range(rows):
        onset = 1175 + 40 * i
        table.append([i % 4 + 1, i // 4 + 1, onset, onset + 5, onset + 12, AUS[i % 5], int(i % 3 == 0)])
    return table


def casme3_whole(rows: int = 24) -> Table:
    """All cells are text."""
    emotions = ("disgust", "surprise", "others", "fear", "anger", "sad", "happy")
    header = ["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Expression type", "Objective class", "emotion"]
    table: Table = [header]
    for i in range(rows):
        onset, kind = 175 + 40 * i, ("Macro-expression", "Micro-expression")[i % 3 == 0]
        frames = [str(onset), str(onset + 5), str(onset + 12)]
        table.append([f"spNO.{i % 4 + 1}", "abc"[i % 3], *frames, AUS[i % 5], kind, "1", emotions[i % 7]])
    return table


def mmew(rows: int = 24) -> Table:
    """Names hold the subject; clips are numbered from 1."""
    emotions = ("surprise", "disgust", "others", "happiness", "fear", "sadness", "anger")
    header = ["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Action Units", "Estimated Emotion"]
    table: Table = [[*header, "remarks"]]
    for i in range(rows):
        subject = i % 4 + 1
        name = f"S{subject:02d}-{i % 7 + 1:02d}-{i + 1:03d}"
        table.append([f"S{subject:02d}", name, 1, 15, 40 + i, AUS[i % 5], emotions[i % 7], None])
    return table


def fourdme(rows: int = 24) -> Table:
    """Five columns of emotions, one column per action unit; units of a face at rest are marked (k)."""
    emotions = ("Positive", "Negative", "Surprise", "Repression", "Others")
    header = ["fold", "sub_ID", "fold_name", "Emotion", *emotions, "Onset", "Apex", "Offset", "AUs", "AU1", "AU4"]
    table: Table = [header]
    units = ("AU4", "AU4(k)+L7", "AUR2+12(k)+45", "AU1+AU4", "14")
    for i in range(rows):
        onset, shown = 1826 + 60 * i, {emotions[i % 5]} | ({"Positive"} if i % 12 == 2 else set())
        marks = [int(emotion in shown) for emotion in emotions]
        frames = [onset, onset + 12, onset + 27]
        name = f"{i % 3 + 1:03d}_{i:02d}_1"
        table.append([1, f"S{i % 4 + 1:02d}", name, "+".join(sorted(shown)), *marks, *frames, units[i % 5], 0, 1])
    return table
