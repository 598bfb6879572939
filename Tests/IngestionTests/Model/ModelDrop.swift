/// A whole story for the model and the loader: settings, then days of files and decisions of an operator.
struct ModelDrop {
    var settings = ModelSettings()
    var steps: [ModelStep] = []
}

/// One thing that happens, in order of time.
enum ModelStep {
    case batch(ModelBatch)

    /// An operator releases or discards the held file of this type and name, `at` seconds since 1970.
    case release(type: String, name: String, at: Int)
    case discard(type: String, name: String, at: Int)
}

/// The files taken at one slot.
struct ModelBatch {
    /// Seconds since 1970, UTC.
    var slot: Int
    var files: [ModelFile]
}

/// One file as it lies in its pending folder, under a name that no other file of the drop has.
struct ModelFile {
    var type: String
    var name: String

    /// The modification time; only ever compared with that of other files of the batch.
    var modified = 0
    var bytes: [UInt8]

    init(type: String, name: String, modified: Int = 0, text: String) {
        self.type = type
        self.name = name
        self.modified = modified
        bytes = Array(text.utf8)
    }
}
