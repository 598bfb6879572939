/// The figures of a whole file that the truncation guard and the file's settlement need.
struct FileFigures {
    /// Data rows: the records behind the header.
    var rows = 0
    var blank = 0
    var endedWithLineEnd = true
    /// Whether the last row has another number of cells than the header.
    var lastRowHasWrongCount = false
}
