import Receivables
import Testing

struct ModelTypesTests {
    @Test(arguments: ModelType.all.map(\.name))
    func `the catalogue declares the columns that the model copied from the reference`(name: String) throws {
        let type = try #require(ModelType.named(name))
        let declared = try #require(Catalogue.type(named: name))
        #expect(type.columns.map(\.name) == declared.columns.map(\.name))
        for (column, other) in zip(type.columns, declared.columns) {
            #expect(
                "\(column.mark) \(kind(column.format))" == "\(mark(other)) \(kind(other.format))",
                "\(column.name)"
            )
        }
        #expect(type.keepsCustomColumns == declared.keepsCustomColumns)
    }

    @Test func `the catalogue loads the types in the model's order`() {
        #expect(Catalogue.types.filter { !$0.isFileOfBytes }.map(\.name) == ModelType.all.map(\.name))
    }

    private func mark(_ column: Column) -> String {
        switch column.class {
        case .required: "R"
        case .owner: "*"
        case .standard: "D"
        case .optional: "O"
        }
    }

    private func kind(_ format: ModelFormat) -> String {
        switch format {
        case .string(let limit): "string \(limit)"
        case .words(let words): "words \(words)"
        case .zone: "zone"
        default: "\(format)"
        }
    }

    private func kind(_ format: ColumnFormat) -> String {
        switch format {
        case .string(let limit): "string \(limit)"
        case .oneOf(let words): "words \(words.all)"
        case .money: "money"
        case .timeZone: "zone"
        default: "\(format)"
        }
    }
}
